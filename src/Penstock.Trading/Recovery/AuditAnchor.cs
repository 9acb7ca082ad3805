using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Penstock.Infrastructure.Journal;

namespace Penstock.Trading.Recovery;

/// <summary>
/// How far journal and audit trail had come, in a small file of its own: a chain alone cannot show that its end was cut off.
/// One line of text, so that it can be copied to where the journal's writer has no access (another host, a printer): who can
/// write journal and anchor can forge both; who holds an older copy of the anchor can prove it.
/// </summary>
/// <param name="Number">Audit records.</param>
/// <param name="Head">Hash of the last of them, hexadecimal; zeros before the first.</param>
/// <param name="Sequence">Journal records at that time.</param>
/// <param name="Chain">The journal's own checksum chain at that record.</param>
public sealed record AuditAnchor(long Number, string Head, long Sequence, uint Chain)
{
    public const string FileName = "audit.anchor";

    private const string Format = "penstock-anchor/1";

    /// <summary>Of a journal without records: where one is expected, its absence is a fault from the first record on.</summary>
    public static AuditAnchor OfNothing { get; } = new(0, Convert.ToHexStringLower(new byte[AuditTrail.HashBytes]), 0, 0);

    /// <summary>Of all good links and records of a journal's files, read once through; for a folder that no node writes.</summary>
    public static AuditAnchor Of(string journal)
    {
        var trail = new AuditTrail();
        AuditCarry.Load(journal, trail);
        using var reader = JournalReader.Open(journal);
        while (reader.TryRead(out var record))
        {
            if (record.Type == (ushort)EngineRecordType.Audit) trail.TryFollow(record.Payload, out _);
        }

        return new AuditAnchor(trail.Number, Convert.ToHexStringLower(trail.Head), reader.Sequence, reader.Chain);
    }

    /// <summary>Replaces the journal's anchor; whole or not at all.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void Save(string journal)
    {
        var file = Path.Combine(journal, FileName);
        File.WriteAllText(file + ".new", ToText() + "\n");
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <returns>Null when there is none, or it is damaged; then <paramref name="problem"/> says so.</returns>
    public static AuditAnchor? Load(string journal, out string? problem)
    {
        problem = null;
        var file = Path.Combine(journal, FileName);
        if (!File.Exists(file)) return null;
        var anchor = Parse(File.ReadAllText(file));
        if (anchor is null) problem = "the anchor file is damaged, or of a newer format";
        return anchor;
    }

    /// <summary>The one line; null when it is none, or not as it was written.</summary>
    public static AuditAnchor? Parse(string text)
    {
        var words = text.TrimEnd().Split(' ');
        return words.Length == 6 && words[0] == Format && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && long.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            && uint.TryParse(words[4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var chain)
            && new AuditAnchor(number, words[2], sequence, chain) is var anchor && anchor.ToText() == string.Join(' ', words) ? anchor : null;
    }

    /// <summary>The one line, with its own checksum.</summary>
    public string ToText()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Format} {Number} {Head} {Sequence} {Chain:x8}");
        return $"{text} {Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)))}";
    }
}
