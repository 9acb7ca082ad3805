using Penstock.Infrastructure.Snapshots;

namespace Penstock.Strategies;

/// <summary>What passes from one version to the next, and what of a swap is in a snapshot.</summary>
public sealed partial class StrategyRunner
{
    /// <summary>Said when a swap begins: nobody should learn only afterwards that the memory was lost.</summary>
    private string StatePassedOn(HostedStrategy next)
    {
        var (old, own) = (_current.Strategy.StateVersion, next.Strategy.StateVersion);
        var what = old == 0 ? "there is no saved state to pass on"
            : own == 0 ? $"the saved state of version {old} will not be passed on: it keeps none"
            : own < old ? $"the saved state will not be passed on: it is of version {old}, and it reads up to {own}"
            : "the saved state will be passed on";
        return HasOtherKept(_current, next) ? what + ", bars and timers begin anew: they are others" : what;
    }

    /// <summary>Whatever the old one remembers and the new one can read; in words.</summary>
    private string PassOn(HostedStrategy old, HostedStrategy next)
    {
        var (from, to) = (old.Strategy, next.Strategy);
        var passed = "";
        if (from.StateVersion > 0 && to.StateVersion >= from.StateVersion)
        {
            Copy(from.StateVersion, to.StateVersion, from.OnState, to.OnState);
            passed = $"saved state of version {from.StateVersion} passed on";
        }

        if (from is IKeptState { HasKept: true } kept && to is IKeptState follower && follower.KeptShape == kept.KeptShape)
        {
            Copy(1, 1, kept.ArchiveKept, follower.ArchiveKept);
            passed += passed.Length > 0 ? ", bars and timers too" : "bars and timers passed on";
        }

        return passed.Length > 0 ? passed : "no state passed on: it goes by what it saw";
    }

    private static bool HasOtherKept(HostedStrategy old, HostedStrategy next) =>
        old.Strategy is IKeptState { HasKept: true } kept && (next.Strategy as IKeptState)?.KeptShape != kept.KeptShape;

    private static void Copy(int savedAs, int readAs, Action<StateArchive> save, Action<StateArchive> load)
    {
        var state = StateArchive.ToSave();
        state.Part("state", savedAs, save);
        StateArchive.ToLoad(state.Saved).Part("state", readAs, load);
    }

    private void ArchiveSwap(StateArchive state)
    {
        if (LastSwap.Length == 0) return;
        var name = $"strategy-{Context.Id}";
        // Loading took the texts before anything was started; the numbers are read now, when there is somebody to have them.
        state.Part($"{name}-version", 1, part =>
        {
            part.Text(_active?.ToJson() ?? "");
            part.Text(_swap?.Order.ToJson() ?? "");
            part.Text(LastSwap);
            Context.ArchiveWithheld(part);
        });
        if (_swap is not { } swap) return;
        state.Part($"{name}-swap", 2, part =>
        {
            swap.Archive(part);
            swap.Next.Context.Archive(part, hasAmends: part.Version >= 2);
            swap.Next.Context.ArchiveWithheld(part);
        });
        Archive(state, swap.Next, $"{name}-swap");
    }
}
