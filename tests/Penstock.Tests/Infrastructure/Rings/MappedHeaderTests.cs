using System.Text;
using Penstock.Infrastructure.Memory;
using Penstock.Infrastructure.Rings;

namespace Penstock.Tests.Infrastructure.Rings;

/// <summary>Everything a reader refuses to believe. Offsets are those drawn in MappedHeader.</summary>
public sealed class MappedHeaderTests : IDisposable
{
    private readonly MappedTestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Path => _folder.File("a.ring");

    [Theory]
    [InlineData(0, 'X', MappedFileFault.NotOurs)]
    [InlineData(8, 'X', MappedFileFault.WrongKind)]
    [InlineData(16, 2, MappedFileFault.WrongVersion)]
    [InlineData(20, 1, MappedFileFault.WrongVersion)]
    [InlineData(24, 65, MappedFileFault.Damaged)]
    [InlineData(24, 0, MappedFileFault.Damaged)]
    [InlineData(24, 32, MappedFileFault.Damaged)]
    [InlineData(24, 128, MappedFileFault.Damaged)]
    [InlineData(27, 128, MappedFileFault.Damaged)]
    [InlineData(28, 65, MappedFileFault.WrongElement)]
    [InlineData(32, 65, MappedFileFault.WrongElement)]
    [InlineData(40, 1, MappedFileFault.WrongElement)]
    [InlineData(64, 1, MappedFileFault.Damaged)]
    [InlineData(71, 255, MappedFileFault.Damaged)]
    [Trait("requirement", "R25")]
    public void Header_with_one_wrong_byte_is_refused_with_its_cause(int offset, int value, MappedFileFault fault)
    {
        BroadcastRing<LineEvent>.Create(Path, 64).Dispose();
        MappedTestFolder.Poke(Path, offset, (byte)value);
        var error = Assert.Throws<MappedFileException>(() => BroadcastRing<LineEvent>.Open(Path));
        Assert.Equal(fault, error.Fault);
        Assert.Contains(Path, error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4096 + 64 * 64 - 1)]
    [InlineData(4096 + 64 * 64 + 1)]
    public void File_of_the_wrong_length_is_refused(int length)
    {
        BroadcastRing<LineEvent>.Create(Path, 64).Dispose();
        using (var file = File.OpenHandle(Path, FileMode.Open, FileAccess.ReadWrite)) RandomAccess.SetLength(file, length);
        Assert.Equal(MappedFileFault.Damaged, Assert.Throws<MappedFileException>(() => BroadcastRing<LineEvent>.Open(Path)).Fault);
    }

    [Fact]
    public void Another_event_type_is_refused_by_name()
    {
        BroadcastRing<LineEvent>.Create(Path, 64).Dispose();
        var error = Assert.Throws<MappedFileException>(() => BroadcastRing<SmallEvent>.Open(Path));
        Assert.Equal(MappedFileFault.WrongElement, error.Fault);
        Assert.Contains("LineEvent of 64 bytes", error.Message);
        Assert.Contains("SmallEvent of 24 bytes", error.Message);
    }

    [Fact]
    public void A_table_is_not_a_ring()
    {
        SeqlockTable<LineEvent>.Create(Path, 64).Dispose();
        var error = Assert.Throws<MappedFileException>(() => BroadcastRing<LineEvent>.Open(Path));
        Assert.Equal(MappedFileFault.WrongKind, error.Fault);
        Assert.Contains("SEQLOCK", error.Message);
    }

    [Fact]
    public void Missing_file_and_missing_folder_are_named()
    {
        var error = Assert.Throws<MappedFileException>(() => BroadcastRing<LineEvent>.Open(Path));
        Assert.Equal(MappedFileFault.NotFound, error.Fault);
        Assert.Contains(Path, error.Message);

        var nowhere = System.IO.Path.Combine(_folder.File("nowhere"), "a.ring");
        error = Assert.Throws<MappedFileException>(() => BroadcastRing<LineEvent>.Create(nowhere, 64));
        Assert.Equal(MappedFileFault.NotPermitted, error.Fault);
        Assert.Contains("does not exist", error.Message);

        File.WriteAllText(_folder.File("plain"), "a file, not a folder");
        Assert.Throws<MappedFileException>(() => BroadcastRing<LineEvent>.Create(System.IO.Path.Combine(_folder.File("plain"), "a"), 64));
    }

    [Fact]
    public void Creating_never_overwrites_a_foreign_file()
    {
        File.WriteAllText(Path, "somebody's only copy");
        var error = Assert.Throws<MappedFileException>(() => BroadcastRing<LineEvent>.Create(Path, 64));
        Assert.Equal(MappedFileFault.NotOurs, error.Fault);
        Assert.Equal("somebody's only copy", File.ReadAllText(Path));
    }

    [Fact]
    public void Counts_scribbled_by_a_foreign_hand_never_lead_outside_the_ring()
    {
        foreach (var (claimed, published) in new[] { (0L, -1L), (0L, long.MaxValue), (long.MaxValue, 5L), (long.MinValue, long.MaxValue), (-1L, -1L) })
        {
            BroadcastRing<LineEvent>.Create(Path, 64).Dispose();
            MappedTestFolder.Poke(Path, 256, BitConverter.GetBytes(claimed));
            using var ring = BroadcastRing<LineEvent>.Open(Path);
            using var reader = ring.CreateReader();
            MappedTestFolder.Poke(Path, 384, BitConverter.GetBytes(published));
            var read = reader.Read(new LineEvent[64], out _);
            Assert.InRange(read, 0, 64);
            Assert.InRange(reader.Peek(64, out _).Length, 0, 64);
        }
    }

    [Fact]
    public void The_header_is_readable_text_for_a_person()
    {
        BroadcastRing<LineEvent>.Create(Path, 64).Dispose();
        var text = Encoding.ASCII.GetString(File.ReadAllBytes(Path).AsSpan(0, 256));
        Assert.StartsWith("PENSTOCKRING", text);
        Assert.Contains("LineEvent", text);
    }
}
