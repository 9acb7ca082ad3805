using System.Buffers;

namespace Penstock.Connectivity.Transport;

public enum RestError : byte
{
    None,
    Timeout,
    Network,
    /// <summary>The answer is larger than the pool allows.</summary>
    TooLarge,
    /// <summary>The request itself could not be formed, or weighs more than the venue ever allows.</summary>
    Invalid,
    /// <summary>Its caller took it back before any of its bytes left.</summary>
    Withheld,
}

/// <summary>The end of one REST call. Its body is borrowed: call <see cref="Release"/> when done.</summary>
public sealed class RestCompletion
{
    /// <summary>The caller's own mark.</summary>
    public required long Token { get; init; }

    public required RestError Error { get; init; }

    /// <summary>HTTP status; 0 when none came.</summary>
    public int Status { get; init; }

    /// <summary>
    /// Monotonic, when the request was handed to the network: looking up, connecting and sending come after it. Zero when it was not.
    /// </summary>
    public long SentNs { get; init; }

    /// <summary>Monotonic, when the last byte of the body had been read.</summary>
    public long ReceivedNs { get; init; }

    /// <summary>What the venue says is used of its limit (<see cref="RestPoolOptions.UsedWeightHeader"/>); −1 where it says nothing.</summary>
    public int UsedWeight { get; init; } = -1;

    /// <summary>The URL asked, with the query: of a signed call it must not be logged.</summary>
    public string Url { get; init; } = "";

    internal byte[] Buffer { get; set; } = [];

    internal int Length { get; init; }

    public bool IsSuccess => Error == RestError.None && Status is >= 200 and < 300;

    public ReadOnlySpan<byte> Body => Buffer.AsSpan(0, Length);

    /// <summary>Gives the body's buffer back; <see cref="Body"/> must not be used afterwards.</summary>
    public void Release()
    {
        if (Buffer.Length > 0) ArrayPool<byte>.Shared.Return(Buffer);
        Buffer = [];
    }
}
