using System.Runtime.CompilerServices;

// The twins and the accounting tests look at parts that no other layer may use.
[assembly: InternalsVisibleTo("Penstock.Tests")]
