using System.Security.Cryptography;
using System.Text;
using Penstock.Infrastructure.Snapshots;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Strategies;

/// <summary>Who did what (R145), and what happens when it cannot be written down any more.</summary>
public sealed partial class TradingEngine
{
    /// <summary>Sessions of format 1 knew neither an audit trail nor blocks by differences; a replay of one makes neither.</summary>
    private const int Format2 = 2;

    /// <summary>Before it there were no controls, and a kill was always of everything.</summary>
    private const int Format3 = 3;
    private const int Format4 = 4;
    private const int Format5 = 5;

    private readonly AuditTrail _audit = new();
    private int _format;

    /// <summary>The chain of audit records so far.</summary>
    public AuditTrail AuditTrail => _audit;

    private void BeginAudit(SessionInfo session)
    {
        if (_format < Format2) return;
        Append(EngineRecordType.Audit, _audit.Next(new AuditEntry
        {
            Session = Session, NowNs = session.NowNs, Kind = EngineCommandKind.None, Done = true, Who = "node",
            Why = session.IsAnchored ? AuditEntry.AnchoredSessionBegan : AuditEntry.SessionBegan,
            Text = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(session.Configuration))),
        }));
    }

    private void Audit(EngineCommand command, CommandResult result)
    {
        if (_format < Format2) return;
        Append(EngineRecordType.Audit, _audit.Next(new AuditEntry
        {
            Session = Session, NowNs = _clock.NowNs, Kind = command.Kind, Done = result.Done, Instrument = command.Instrument,
            Strategy = command.Strategy, State = command.State, Degradation = command.Degradation, Who = command.Who, Why = command.Why,
            Text = command.Text, Outcome = result.Message,
        }));
    }

    /// <summary>As a session of before format 3 meant it.</summary>
    private CommandResult KillEverything(bool killed)
    {
        Risk.SetKilled(killed);
        return new CommandResult(true, killed ? $"Killed; {Desk.CancelAll(0, _clock.NowNs)} cancels sent." : "Resumed.");
    }

    private CommandResult ApproveDifference(EngineCommand command)
    {
        if (!_instruments.Contains(command.Instrument)) return new CommandResult(false, $"There is no instrument {command.Instrument.Value}.");
        return Desk.Venues.Approve(command.Instrument, Positions)
            ? new CommandResult(true, $"The venue's balances of {_instruments[command.Instrument].Symbol} are taken for right; it trades again.")
            : new CommandResult(false, $"{_instruments[command.Instrument].Symbol} has no difference that waits for approval.");
    }

    /// <summary>A journal that fails takes no record any more: from here on nothing new may leave, only cancels (NO_PERSIST).</summary>
    private void Append(EngineRecordType type, ReadOnlySpan<byte> payload)
    {
        if (_journal.Append((ushort)type, payload) >= 0 || (Risk.Degradation & Degradation.NoPersistence) != 0) return;
        var state = Risk.State == NodeState.Ready ? NodeState.Degraded : Risk.State;
        Risk.SetState(state, Risk.Degradation | Degradation.NoPersistence | Degradation.CancelOnly);
    }

    /// <summary>What the build that recorded the session did not do yet is not done in its replay.</summary>
    private void SetFormat(int format)
    {
        _format = format;
        Desk.Controls.IsOn = format >= Format3;
        Desk.Orders.IsFormat4 = format >= Format4;
        Risk.IsFormat5 = Desk.IsFormat5 = Desk.Orders.IsFormat5 = Desk.Controls.IsFormat5 = Desk.Orders.Parents.IsFormat5 = format >= Format5;
    }

    private void ArchiveAudit(StateArchive state)
    {
        SetFormat(state.Value(_format));
        _audit.Archive(state);
    }
}
