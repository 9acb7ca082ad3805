using System.Runtime.CompilerServices;

// The tests change single bytes inside an envelope, which no caller can.
[assembly: InternalsVisibleTo("Penstock.Tests")]
