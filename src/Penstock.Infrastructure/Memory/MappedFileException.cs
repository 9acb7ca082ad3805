namespace Penstock.Infrastructure.Memory;

/// <summary>Why a mapped file could not be made or used.</summary>
public enum MappedFileFault
{
    None,
    /// <summary>No such file: nobody produces here (yet).</summary>
    NotFound,
    /// <summary>The folder is missing or not writable, or the file belongs to somebody else.</summary>
    NotPermitted,
    /// <summary>The disk has no room for the whole file.</summary>
    NoSpace,
    /// <summary>A file is there, and it is not one of ours: it is left alone.</summary>
    NotOurs,
    /// <summary>Ours, but another kind of file than the one asked for.</summary>
    WrongKind,
    /// <summary>Written by another version of the format.</summary>
    WrongVersion,
    /// <summary>The elements are of another type or size than the reader's.</summary>
    WrongElement,
    /// <summary>The header contradicts itself or the length of the file.</summary>
    Damaged,
}

/// <summary>An operating error of a mapped file; the message says what, where, why and what to do next.</summary>
public sealed class MappedFileException : IOException
{
    public MappedFileException(MappedFileFault fault, string path, string message, Exception? inner = null)
        : base(message, inner)
    {
        Fault = fault;
        Path = path;
    }

    public MappedFileFault Fault { get; }

    public string Path { get; }
}
