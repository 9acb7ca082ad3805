using System.Text;
using Microsoft.Win32.SafeHandles;
using Penstock.Infrastructure.Problems;

namespace Penstock.Infrastructure.Secrets;

/// <summary>Where a secret is read from. Never the command line and never an environment variable: /proc shows both.</summary>
public enum SecretOrigin
{
    /// <summary>Typed at the terminal, without echo.</summary>
    Terminal,
    /// <summary>An open file descriptor, to its end.</summary>
    Descriptor,
    /// <summary>A file of ours with mode 600; its text is the secret.</summary>
    File,
    /// <summary>A file of ours with mode 600 and exactly 32 random bytes.</summary>
    KeyFile,
    /// <summary>A systemd credential (LoadCredential=), by name.</summary>
    Credential,
}

/// <summary>One way of handing a secret over, as written in options and configuration: tty, fd:3, file:PATH, key-file:PATH, credential:NAME.</summary>
public sealed record SecretSource(SecretOrigin Origin, string Name)
{
    /// <summary>All forms, for help texts.</summary>
    public const string Forms = "tty, fd:N, file:PATH, key-file:PATH (32 random bytes) or credential:NAME (systemd)";

    public static SecretSource Terminal { get; } = new(SecretOrigin.Terminal, "");

    /// <exception cref="Problem">Not one of the forms. The text is not repeated: it may be the secret itself.</exception>
    public static SecretSource Parse(string text, string option)
    {
        if (text == "tty") return Terminal;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (kind, name) = colon > 0 ? (text[..colon], text[(colon + 1)..]) : ("", "");
        if (kind == "env")
            throw new Problem(ExitCode.Usage, $"{option} takes no environment variable", option, "every process of this user can read it in /proc, and it is passed on to children", $"use one of {Forms}");
        return kind switch
        {
            "fd" when int.TryParse(name, out var descriptor) && descriptor >= 0 => new SecretSource(SecretOrigin.Descriptor, name),
            "file" when name.Length > 0 => new SecretSource(SecretOrigin.File, name),
            "key-file" when name.Length > 0 => new SecretSource(SecretOrigin.KeyFile, name),
            "credential" when name.Length > 0 && !name.Contains('/', StringComparison.Ordinal) => new SecretSource(SecretOrigin.Credential, name),
            _ => throw new Problem(ExitCode.Usage, $"{option} is not understood", option,
                "it says where the secret is read from and is never the secret itself; if you typed one, everybody on this machine could see it: replace it", $"use one of {Forms}"),
        };
    }

    /// <summary>Reads all of it, line end included. The caller disposes.</summary>
    /// <param name="prompt">What to ask for at the terminal.</param>
    /// <exception cref="Problem">Nothing can be read there; the message never holds what was read.</exception>
    public SecretBuffer Read(string prompt) => Origin switch
    {
        SecretOrigin.Terminal => ReadTerminal(prompt),
        SecretOrigin.Descriptor => ReadDescriptor(int.Parse(Name, System.Globalization.CultureInfo.InvariantCulture)),
        SecretOrigin.Credential => PrivateFile.Read(CredentialPath(), $"the credential {Name}", mayBeRoots: true),
        SecretOrigin.KeyFile => PrivateFile.Read(Name, "the key file"),
        _ => PrivateFile.Read(Name, "the file with the secret"),
    };

    private string CredentialPath() => Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") is { Length: > 0 } folder
        ? Path.Combine(folder, Name)
        : throw new Problem(ExitCode.Configuration, $"there is no credential {Name}", "CREDENTIALS_DIRECTORY", "systemd gave this process none", $"LoadCredential={Name}:/path in the unit, or another source: {Forms}");

    private static SecretBuffer ReadTerminal(string prompt)
    {
        if (Console.IsInputRedirected)
            throw new Problem(ExitCode.Usage, "there is no terminal to ask at", "standard input", $"{prompt} is wanted, and the input is no terminal", "name another source: fd:0 reads standard input, file:PATH a file of mode 600");
        Console.Error.Write($"{prompt}: ");
        var buffer = new SecretBuffer(SecretBuffer.CapacityMax);
        Span<byte> bytes = stackalloc byte[4];
        var pending = '\0';
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                while (buffer.Length > 0 && (buffer.Span[^1] & 0xC0) == 0x80) buffer.Truncate(buffer.Length - 1);
                if (buffer.Length > 0) buffer.Truncate(buffer.Length - 1);
                continue;
            }

            if (char.IsHighSurrogate(key.KeyChar))
            {
                pending = key.KeyChar;
                continue;
            }

            if (key.KeyChar == '\0') continue;
            var rune = char.IsLowSurrogate(key.KeyChar) && pending != '\0' ? new Rune(pending, key.KeyChar)
                : Rune.TryCreate(key.KeyChar, out var single) ? single : Rune.ReplacementChar;
            if (!buffer.TryAppend(bytes[..rune.EncodeToUtf8(bytes)])) break;
        }

        bytes.Clear();
        Console.Error.WriteLine();
        return buffer;
    }

    private static SecretBuffer ReadDescriptor(int descriptor)
    {
        var buffer = new SecretBuffer(SecretBuffer.CapacityMax);
        try
        {
            using var handle = new SafeFileHandle(descriptor, ownsHandle: false);
            using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
            while (buffer.Length < buffer.Capacity)
            {
                var at = buffer.Length;
                var read = stream.Read(buffer.Extend(buffer.Capacity - at));
                buffer.Truncate(at + read);
                if (read == 0) return buffer;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            buffer.Dispose();
            throw new Problem(ExitCode.Configuration, "the secret cannot be read", $"fd:{descriptor}", e.Message, $"open it for the process: penstock ... {descriptor}< FILE");
        }

        buffer.Dispose();
        throw new Problem(ExitCode.Configuration, "the secret is too large", $"fd:{descriptor}", $"at most {SecretBuffer.CapacityMax} bytes are read", "is it the right file?");
    }
}
