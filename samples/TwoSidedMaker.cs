#!/usr/bin/env dotnet
#:project ../apps/Penstock.Node
#:property PublishAot=false
using Penstock.Model.Numbers;
using Penstock.Node;
using Penstock.Strategies;

return App.Run<TwoSidedMaker>(args);

public sealed record TwoSidedMakerConfig
{
    public decimal SpreadBps { get; init; } = 4m;
    public decimal Size { get; init; } = 0.01m;
}

/// <summary>A bid and an ask around the mid price; the engine sends the fewest messages that keep them there.</summary>
public sealed class TwoSidedMaker : Strategy<TwoSidedMakerConfig>
{
    protected override void OnBook(in BookView book)
    {
        var half = Bps.From(Config.SpreadBps / 2);
        Bid(book.Id).Set(book.Mid - half, Quantity.From(Config.Size));
        Ask(book.Id).Set(book.Mid + half, Quantity.From(Config.Size));
    }
}
