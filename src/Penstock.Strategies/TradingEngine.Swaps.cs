using System.Buffers.Binary;
using System.Text;
using Penstock.Infrastructure.Snapshots;
using Penstock.Trading.Recovery;

namespace Penstock.Strategies;

/// <summary>Versions of strategies that come and go while the others trade (R74, R96).</summary>
public sealed partial class TradingEngine
{
    private readonly IStrategyVersions? _versions;
    private StateHasher _swaps;
    private bool _hasSwapped;

    private CommandResult DoSwap(EngineCommand command)
    {
        if (command.Strategy < 1 || command.Strategy > _runners.Length) return new CommandResult(false, $"There is no strategy {command.Strategy}.");
        var runner = _runners[command.Strategy - 1];
        var result = command.Kind switch
        {
            EngineCommandKind.SwapStrategy => BeginSwap(runner, command.Text),
            EngineCommandKind.CancelSwap => runner.CancelSwap(command.Why),
            EngineCommandKind.TakeOverStrategy => runner.TakeOver(),
            _ => runner.FinishSwap(),
        };
        if (result.Done)
        {
            if (!_hasSwapped) _swaps = Trading.Recovery.StateHasher.Empty;
            _hasSwapped = true;
            _swaps.Add(command.Strategy, (long)command.Kind, CodeOf(runner.Swap?.Order.Version ?? runner.Version));
        }

        return result;
    }

    private CommandResult BeginSwap(StrategyRunner runner, string text) =>
        SwapOrder.TryParse(text) is { } order ? runner.BeginSwap(order, _versions) : new CommandResult(false, "The text is no order of a swap.");

    /// <summary>The first bytes of the hash tell versions apart; what is built in is zero.</summary>
    private static long CodeOf(StrategyVersion version) =>
        version.Sha256.Length >= 8 ? BinaryPrimitives.ReadInt64LittleEndian(Encoding.ASCII.GetBytes(version.Sha256)) : 0;

    /// <summary>Nothing is added before the first swap: sessions without one keep their hashes.</summary>
    private ulong HashWithSwaps(ulong desk)
    {
        if (!_hasSwapped) return desk;
        var hash = _swaps;
        hash.Add((long)desk);
        hash.Add(Statistics.SwapsDone, Statistics.SwapsDropped, Statistics.SwapWithheld);
        return hash.Value;
    }

    private void ArchiveSwaps(StateArchive state)
    {
        if (state.IsLoading ? !state.Has("swaps") : !_hasSwapped) return;
        state.Part("swaps", 1, part =>
        {
            _hasSwapped = part.Value(_hasSwapped);
            _swaps = part.Value(_swaps);
        });
    }
}
