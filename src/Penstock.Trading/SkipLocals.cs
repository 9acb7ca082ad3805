using System.Runtime.CompilerServices;

// The order's way has frames of a kilobyte and more; the compiler would clear each on entry though every local is assigned before it is read.
[module: SkipLocalsInit]
