using System.Buffers;
using System.Text.Json;

namespace Penstock.Control.ReadModels;

/// <summary>
/// One thing clients can look at. Belongs to the read models' thread. A state topic says everything every time; a list topic says the rows that
/// came or changed after a version, so that whoever has version P and gets an update that follows P has everything.
/// </summary>
internal interface ITopic
{
    /// <summary>For a whole snapshot in place of an update.</summary>
    const long FromNothing = -1;

    string Name { get; }

    /// <summary>Grows with every change; never goes back while the process lives.</summary>
    long Version { get; }

    /// <summary>Updates per second at most.</summary>
    int HzMax { get; }

    /// <summary>An update needs the one before it.</summary>
    bool IsList { get; }

    /// <summary>Every change after that version can still be told.</summary>
    bool CanUpdate(long since) => true;

    /// <summary>Writes one JSON value.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="since">The version the reader has, or <see cref="FromNothing"/>.</param>
    void Write(Utf8JsonWriter json, long since);

    /// <summary>Which compact body there is; 0: JSON.</summary>
    byte BinaryBody => 0;

    void WriteBinary(IBufferWriter<byte> to, long since) => throw new NotSupportedException();
}
