using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Markets;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Strategies;

/// <summary>
/// What becomes of an input that throws while it is applied. It is journaled already, so replay, recovery and shadow meet it again: it ends
/// at the same place each time, with the same half of it applied, and the engine goes on. What it believes may be wrong from then on, so
/// until the next session, which reconciles the venues, only cancels leave. A command that throws is refused.
/// <para>Sessions of before format 5 let the exception out to a thread that swallowed it: a replay of one leaves the input where it threw.</para>
/// </summary>
public sealed partial class TradingEngine
{
    private long _faults;

    /// <summary>Inputs of this session that threw while they were applied. Any thread.</summary>
    public long Faults => Volatile.Read(ref _faults);

    /// <summary>The last of them, for a person to read; empty while there is none. Any thread.</summary>
    public string LastFault { get; private set; } = "";

    /// <summary>Each event once: one that throws costs itself and no other. False when the session's format ends the record there.</summary>
    private bool TryApply(ReadOnlySpan<MarketEvent> record)
    {
        var next = 0;
        while (true)
        {
            var isTelling = false;
            try
            {
                while (next < record.Length) Apply(in record[next++]);
                isTelling = true;
                DispatchBooks();
                return true;
            }
            catch (Exception e)
            {
                if (!GoesOnAfter(EngineRecordType.MarketBatch, e)) return false;
                if (isTelling) ForgetTouched();
            }
        }
    }

    /// <summary>Null when it threw in a session of before format 5, which has no record of what came of it.</summary>
    private CommandResult? TryDo(EngineCommand command)
    {
        try
        {
            return Do(command);
        }
        catch (Exception e)
        {
            if (_format < Format5) return null;
            Statistics.CommandFaults++;
            return new CommandResult(false, $"{command.Kind} failed inside the engine: {StrategyRunner.Told(e)}");
        }
    }

    private bool TryTell()
    {
        try
        {
            if (Desk.Told.Count > 0) DispatchTold();
            if (_hasParentNews) DispatchParents();
            return true;
        }
        catch (Exception e)
        {
            if (!GoesOnAfter(EngineRecordType.None, e)) return false;
            Desk.Told.Clear();
            return true;
        }
    }

    /// <summary>A step of what happens once in a session.</summary>
    private void Try(EngineRecordType type, Action step)
    {
        try
        {
            step();
        }
        catch (Exception e)
        {
            GoesOnAfter(type, e);
        }
    }

    /// <summary>False: the session's format knows no such rule, and the input ends here.</summary>
    private bool GoesOnAfter(EngineRecordType type, Exception fault)
    {
        if (_format < Format5) return false;
        Statistics.InputFaults++;
        LastFault = $"{type}: {StrategyRunner.Told(fault)}";
        Volatile.Write(ref _faults, _faults + 1);
        SetState(Risk.State, Risk.Degradation);
        return true;
    }

    /// <summary>Whatever the lifecycle says: after a fault only cancels leave.</summary>
    private void SetState(NodeState state, Degradation degradation)
    {
        if (_faults == 0) Risk.SetState(state, degradation);
        else Risk.SetState(state == NodeState.Ready ? NodeState.Degraded : state, degradation | Degradation.CancelOnly);
    }

    private void ForgetFaults() => (_faults, LastFault) = (0, "");

    private void ForgetTouched()
    {
        _touchedCount = 0;
        Array.Clear(_isTouched);
    }

    /// <summary>Nothing is added while there is none: sessions without one keep their hashes.</summary>
    private ulong HashWithFaults(ulong rest)
    {
        if (_faults == 0) return rest;
        var hash = Trading.Recovery.StateHasher.Empty;
        hash.Add((long)rest);
        hash.Add(_faults);
        return hash.Value;
    }

    private void ArchiveFaults(StateArchive state)
    {
        if (state.IsLoading ? !state.Has("faults") : _faults == 0) return;
        state.Part("faults", 1, part => (_faults, LastFault) = (part.Value(_faults), part.Text(LastFault)));
    }

    private void BeginSession(StrategyRunner runner, ulong seed, bool isFirst)
    {
        runner.Context.BeginSession(seed);
        if (isFirst) runner.Start();
        else runner.OnSession();
    }
}
