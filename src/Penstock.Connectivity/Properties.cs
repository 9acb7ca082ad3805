using System.Runtime.CompilerServices;

// The twins look at both ways to do what only one of them does on this machine.
[assembly: InternalsVisibleTo("Penstock.Tests")]
