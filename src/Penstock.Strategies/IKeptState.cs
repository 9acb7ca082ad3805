using Penstock.Infrastructure.Snapshots;

namespace Penstock.Strategies;

/// <summary>What the base of a strategy remembers for it: open bars, the indicators that follow them, timers. Saved without its doing.</summary>
internal interface IKeptState
{
    bool HasKept { get; }

    /// <summary>What is remembered, in words: two versions of a strategy can pass it on when their words are equal.</summary>
    string KeptShape { get; }

    void ArchiveKept(StateArchive state);
}
