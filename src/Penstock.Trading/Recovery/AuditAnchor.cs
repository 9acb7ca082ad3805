using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Penstock.Trading.Recovery;

/// <summary>
/// How far journal and audit trail had come, in a small file of its own: a chain alone cannot show that its end was cut off.
/// One line of text, so that it can be copied to where the journal's writer has no access (another host, a printer): who can
/// write journal and anchor can forge both; who holds an older copy of the anchor can prove it.
/// </summary>
/// <param name="Number">Audit records.</param>
/// <param name="Head">Hash of the last of them, hexadecimal.</param>
/// <param name="Sequence">Journal records at that time.</param>
/// <param name="Chain">The journal's own checksum chain at that record.</param>
public sealed record AuditAnchor(long Number, string Head, long Sequence, uint Chain)
{
    public const string FileName = "audit.anchor";

    private const string Format = "penstock-anchor/1";

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
        var words = File.ReadAllText(file).TrimEnd('\n').Split(' ');
        if (words.Length == 6 && words[0] == Format && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && long.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            && uint.TryParse(words[4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var chain)
            && new AuditAnchor(number, words[2], sequence, chain) is var anchor && anchor.ToText() == string.Join(' ', words))
            return anchor;
        problem = "the anchor file is damaged, or of a newer format";
        return null;
    }

    private string ToText()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Format} {Number} {Head} {Sequence} {Chain:x8}");
        return $"{text} {Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)))}";
    }
}
