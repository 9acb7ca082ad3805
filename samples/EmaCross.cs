#!/usr/bin/env dotnet
#:project ../apps/Penstock.Node
#:property PublishAot=false
using System.ComponentModel.DataAnnotations;
using Penstock.MarketData.Bars;
using Penstock.Model.Numbers;
using Penstock.Node;
using Penstock.Strategies;
using Penstock.Strategies.Indicators;

return App.Run<EmaCross>(args);

public sealed record EmaCrossConfig
{
    [FixedAtStart, Range(2, 500)] public int Fast { get; init; } = 10;
    [FixedAtStart, Range(3, 1000)] public int Slow { get; init; } = 20;
    [FixedAtStart, Range(1, 86_400)] public int BarSeconds { get; init; } = 60;
    public decimal Size { get; init; } = 0.01m;
}

/// <summary>Long while the fast average of the closes is above the slow one, flat otherwise.</summary>
public sealed class EmaCross : Strategy<EmaCrossConfig>
{
    private Ema _fast = null!, _slow = null!;

    protected override void OnStart() =>
        SubscribeBars(Instrument, TimeSpan.FromSeconds(Config.BarSeconds), _fast = new Ema(Config.Fast), _slow = new Ema(Config.Slow));

    protected override void OnBar(in Bar bar, TimeSpan interval)
    {
        if (_fast.CrossedAbove(_slow)) GoTo(Instrument, Quantity.From(Config.Size));
        if (_fast.CrossedBelow(_slow)) GoTo(Instrument, Quantity.Zero);
    }
}
