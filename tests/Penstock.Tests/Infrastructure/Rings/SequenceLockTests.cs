using Penstock.Infrastructure.Rings;

namespace Penstock.Tests.Infrastructure.Rings;

public class SequenceLockTests
{
    [Fact]
    public void A_reader_is_told_to_come_back_while_the_writer_is_within()
    {
        var changes = new SequenceLock();
        Assert.True(changes.TryRead(() => 7, out var value));
        Assert.Equal(7, value);
        changes.BeginWrite();
        Assert.False(changes.TryRead(() => 7, out value));
        changes.EndWrite();
        Assert.True(changes.TryRead(() => 8, out value));
        Assert.Equal(8, value);
    }

    [Fact]
    public void What_was_written_during_the_read_is_not_believed()
    {
        var changes = new SequenceLock();
        var reads = 0;
        Assert.True(changes.TryRead(
            () =>
            {
                if (++reads < 3) Write();
                return reads;
            }, out var value));
        Assert.Equal(3, value);
        Assert.False(changes.TryRead(
            () =>
            {
                Write();
                return ++reads;
            }, out _));
        Assert.Equal(3 + SequenceLock.AttemptsMax, reads);

        void Write()
        {
            changes.BeginWrite();
            changes.EndWrite();
        }
    }
}
