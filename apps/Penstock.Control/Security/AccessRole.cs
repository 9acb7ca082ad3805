namespace Penstock.Control.Security;

/// <summary>What a token's bearer may do; each role may what the ones before it may.</summary>
internal enum AccessRole : byte
{
    /// <summary>Nobody in particular: only what is declared public.</summary>
    Public,
    Viewer,
    Trader,
    Admin,
}

/// <summary>Who asks: the name of a token, which is also the name in the journal.</summary>
internal sealed record Principal(string Name, AccessRole Role);
