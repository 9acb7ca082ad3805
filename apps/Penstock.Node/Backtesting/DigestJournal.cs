using System.Security.Cryptography;
using Penstock.Infrastructure.Journal;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Backtesting;

/// <summary>Passes records on and keeps a digest of the orders, changes and cancels among them: two runs with the same one sent the same.</summary>
internal sealed class DigestJournal(IJournalAppender journal) : IJournalAppender, IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Sequence => journal.Sequence;

    public long Orders { get; private set; }

    public long Amends { get; private set; }

    public long Cancels { get; private set; }

    /// <summary>SHA-256, hexadecimal.</summary>
    public string Digest => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public long Append(ushort type, ReadOnlySpan<byte> payload)
    {
        if ((EngineRecordType)type is EngineRecordType.OrderIntent)
        {
            Orders++;
            _hash.AppendData(payload);
        }
        else if ((EngineRecordType)type is EngineRecordType.AmendIntent)
        {
            Amends++;
            _hash.AppendData(payload);
        }
        else if ((EngineRecordType)type is EngineRecordType.CancelIntent)
        {
            Cancels++;
            _hash.AppendData(payload);
        }

        return journal.Append(type, payload);
    }

    public void Dispose() => _hash.Dispose();
}
