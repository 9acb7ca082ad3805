// The two programs run on Linux (Unix sockets, file modes, signals), and so do the tests that use their types.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
