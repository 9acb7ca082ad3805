using Penstock.Infrastructure.Snapshots;
using Penstock.Strategies;
using Penstock.Tests.Trading;
using Penstock.Trading.Recovery;

namespace Penstock.Tests.Strategies;

/// <summary>
/// Goal: a snapshot is the whole state. Method: a seeded session is replayed; at random records the state is saved and loaded
/// into a new engine, which must be equal field by field and give every later output and hash of the recording.
/// </summary>
[Trait("requirement", "R157")]
public sealed class EngineSnapshotTests
{
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void An_engine_from_a_snapshot_is_the_same_engine_and_goes_on_the_same_way(int seed)
    {
        var replay = Follow(EngineReplayTests.Recorded(seed, steps: 700, sessions: 2), EngineReplayTests.Create, seed);
        Assert.True(replay.Hashes > 10);
    }

    /// <summary>The same, where everything happens that the engine knows.</summary>
    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public void Every_kind_of_order_limit_breaker_and_kill_is_in_a_snapshot(int seed)
    {
        var (records, engine) = RestlessWorld.Recorded(seed, steps: 600, sessions: 3);
        var replay = Follow(records, RestlessWorld.Create, seed);
        Assert.Equal(engine.StateHash, replay.Engine!.StateHash);
        var (orders, controls, parents) = (engine.Orders.Statistics, engine.Desk.Controls.Statistics, engine.Orders.Parents.Statistics);
        Assert.All(
            [
                orders.Held, orders.HeldReleased, orders.ExpiredByEngine, parents.Started, parents.Ended, controls.Refusals,
                controls.BreakerTrips, controls.BreakersArmed, engine.Positions.Statistics.Fundings,
                engine.Positions.Statistics.FundingsRepeated, engine.Risk.Caps.ChangesHash, engine.Risk.Kills.ChangesHash, engine.Desk.Controls.Profits.Day,
            ],
            n => Assert.NotEqual(0, n));
    }

    internal static EngineReplay Follow(IReadOnlyList<(ushort Type, byte[] Payload)> records, Func<SessionInfo, TradingEngine> create, int seed)
    {
        var random = new Random(seed);
        var replay = new EngineReplay(create);
        var snapshots = 0;
        for (var i = 0; i < records.Count; i++)
        {
            replay.OnRecord(i + 1, records[i].Type, records[i].Payload);
            Assert.Null(replay.FirstDifference);
            if (!replay.IsBetweenInputs || random.Next(40) != 0) continue;
            var state = Saved(replay);
            var loaded = new EngineReplay(create, StateArchive.ToLoad(state));
            Assert.Equal(replay.Engine!.StateHash, loaded.Engine!.StateHash);
            ObjectGraph.AssertEqual(replay.Engine, loaded.Engine);
            Assert.Equal(state, Saved(loaded));
            replay = loaded;
            snapshots++;
        }

        Assert.True(snapshots > 20, $"{snapshots}");
        return replay;
    }

    [Fact]
    public void A_state_of_a_newer_build_is_refused_with_what_is_newer()
    {
        var replay = Replayed();
        var newer = StateArchive.ToSave();
        replay.Save(newer);
        newer.Part("from-the-future", 1, s => s.Value(1));
        var unknown = Assert.Throws<InvalidDataException>(() => new EngineReplay(EngineReplayTests.Create, StateArchive.ToLoad(newer.Saved)));
        Assert.Contains("from-the-future", unknown.Message, StringComparison.Ordinal);

        var part = StateArchive.ToSave();
        part.Part("session", 9, s => s.Value(1));
        var version = Assert.Throws<InvalidDataException>(() => new EngineReplay(EngineReplayTests.Create, StateArchive.ToLoad(part.Saved)));
        Assert.Contains("version 9, this build knows 2", version.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_of_another_setup_is_refused()
    {
        var state = Saved(Replayed());
        var other = Assert.Throws<InvalidDataException>(() => new EngineReplay(_ => EngineWorld.Create([EngineWorld.Maker(), EngineWorld.Maker()]), StateArchive.ToLoad(state)));
        Assert.Contains("other instruments or strategies", other.Message, StringComparison.Ordinal);
    }

    private static EngineReplay Replayed()
    {
        var records = EngineReplayTests.Recorded(3, steps: 40, sessions: 1);
        var replay = new EngineReplay(EngineReplayTests.Create);
        for (var i = 0; i < records.Count; i++) replay.OnRecord(i + 1, records[i].Type, records[i].Payload);
        return replay;
    }

    private static byte[] Saved(EngineReplay replay)
    {
        var state = StateArchive.ToSave();
        replay.Save(state);
        return state.Saved.ToArray();
    }
}
