using Penstock.Node.Wiring;

namespace Penstock.Tests.Node;

public class EngineBlueprintTests
{
    [Fact]
    public void A_blueprint_comes_back_from_the_journal_as_it_went_in()
    {
        var text = NodeBench.Blueprint.ToJson();
        var back = EngineBlueprint.FromJson(text);
        Assert.Equal(text, back.ToJson());
        Assert.Equal(NodeBench.Blueprint.Instruments, back.Instruments);
        Assert.Equal(NodeBench.Blueprint.Venues, back.Venues);
        Assert.Equal(NodeBench.Blueprint.Risk with { Limits = back.Risk.Limits }, back.Risk);
        Assert.Equal(NodeBench.Blueprint.Risk.Limits, back.Risk.Limits);
        Assert.Equal(NodeBench.Blueprint.Table().All.Select(InstrumentEntry.Of), back.Table().All.Select(InstrumentEntry.Of));
        Assert.Equal(NodeBench.Blueprint.Instruments, back.Table().All.Select(InstrumentEntry.Of));
    }

    [Fact]
    public void Two_engines_of_one_blueprint_are_equal()
        => Assert.Equal(EngineFactory.Create(NodeBench.Blueprint).StateHash, EngineFactory.Create(EngineBlueprint.FromJson(NodeBench.Blueprint.ToJson())).StateHash);

    [Fact]
    public void A_session_record_that_describes_no_engine_is_said_to()
        => Assert.Throws<InvalidDataException>(() => EngineBlueprint.FromJson("null"));
}
