namespace Penstock.Infrastructure.Problems;

/// <summary>
/// An expected failure of a verb: what, where, why, and the next command. Thrown inside a program's verb, shown once by its
/// Main; never with a stack trace unless --debug. Not for the data path: there, failures are results.
/// </summary>
public sealed class Problem(ExitCode code, string what, string where, string why, string next) : Exception(what)
{
    public ExitCode Code { get; } = code;

    public void Print(TextWriter output)
    {
        output.WriteLine($"penstock: {OneLine(Message)}");
        if (where.Length > 0) output.WriteLine($"  where: {OneLine(where)}");
        output.WriteLine($"  why:   {OneLine(why)}");
        output.WriteLine($"  next:  {next}");
    }

    /// <summary>Foreign text (a file name, an argument) may hold control characters; they never reach the terminal.</summary>
    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
}
