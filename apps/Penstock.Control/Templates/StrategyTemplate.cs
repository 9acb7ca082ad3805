namespace Penstock.Control.Templates;

/// <summary>A two-sided maker to start from, and its tests.</summary>
internal static class StrategyTemplate
{
    public const string Code = """
        using System.ComponentModel.DataAnnotations;
        using NAMESPACE;
        using Penstock.Infrastructure.Plugins;
        using Penstock.Model.Numbers;
        using Penstock.Strategies;

        [assembly: PluginContract(PluginContractAttribute.Current)]
        [assembly: Strategy<NAMEStrategy>("KEBAB")]

        namespace NAMESPACE;

        /// <summary>Settings, checked before the node starts.</summary>
        public sealed record NAMEConfig
        {
            /// <summary>Quantity of each quote, in the base asset.</summary>
            [Range(0.00000001, 1_000_000.0)]
            public decimal Size { get; init; } = 0.01m;

            /// <summary>Ticks between the best price and ours.</summary>
            [Range(0, 1_000)]
            public int Distance { get; init; } = 5;
        }

        /// <summary>Quotes both sides, a few ticks behind the best. Declare what should stand; the engine sends the fewest messages that get there.</summary>
        public sealed class NAMEStrategy : Strategy<NAMEConfig>
        {
            protected override void OnBook(in BookView book)
            {
                if (!book.IsTradable)
                {
                    Bid(book.Id).Clear();
                    Ask(book.Id).Clear();
                    return;
                }

                var away = book.Instrument.Tick.Raw * Config.Distance;
                Bid(book.Id).Set(new Price(book.Bid.Price.Raw - away), Quantity.From(Config.Size));
                Ask(book.Id).Set(new Price(book.Ask.Price.Raw + away), Quantity.From(Config.Size));
            }
        }

        """;

    public const string Tests = """
        using NAMESPACE;
        using Penstock.Strategies;
        using Xunit;

        public class NAMETests
        {
            [Fact]
            public void It_is_found_by_its_name()
            {
                Assert.True(new StrategyCatalog([typeof(NAMEStrategy).Assembly]).TryCreate("KEBAB", out var strategy));
                Assert.IsType<NAMEStrategy>(strategy);
            }

            [Theory]
            [InlineData("{}", true)]
            [InlineData("{\"size\":0.5,\"distance\":3}", true)]
            [InlineData("{\"size\":0}", false)]
            [InlineData("{\"sise\":1}", false)]
            public void Its_settings_are_checked(string json, bool isFine) => Assert.Equal(isFine, new NAMEStrategy().Configure(json) is null);
        }

        """;
}
