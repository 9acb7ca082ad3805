using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;

namespace Penstock.Venues.Binance;

internal sealed partial class BinanceFeedDecoder
{
    /// <summary>Every one-letter key of a market-data event; what it means depends on <see cref="Type"/>.</summary>
    private ref struct SpotEventFields
    {
        public JsonValue Type;
        public JsonValue EventTime;
        public JsonValue TransactionTime;
        public JsonValue Symbol;
        public JsonValue FirstId;
        public JsonValue LastId;
        public JsonValue PreviousId;

        /// <summary>b: levels of a depth update, price of a ticker.</summary>
        public JsonValue Bid;

        /// <summary>a: levels of a depth update, price of a ticker, trade id of an aggTrade.</summary>
        public JsonValue Ask;

        public JsonValue BidQuantity;
        public JsonValue AskQuantity;
        public JsonValue Price;
        public JsonValue Quantity;
        public JsonValue TradeId;
        public JsonValue BuyerIsMaker;

        /// <summary>X of a futures trade: MARKET, INSURANCE_FUND, ADL, NA.</summary>
        public JsonValue Kind;

        /// <summary>Of a partial book, which is nothing else.</summary>
        public JsonValue LastUpdateId;

        /// <summary>Documented streams this platform does not subscribe to (web-socket-streams.md, read 2026-07-21).</summary>
        public readonly bool IsKnownButUnused =>
            Type.Is("kline"u8) || Type.Is("24hrTicker"u8) || Type.Is("24hrMiniTicker"u8) || Type.Is("1hTicker"u8)
            || Type.Is("4hTicker"u8) || Type.Is("1dTicker"u8) || Type.Is("avgPrice"u8) || Type.Is("markPriceUpdate"u8)
            || Type.Is("forceOrder"u8) || Type.Is("continuous_kline"u8) || Type.Is("contractInfo"u8)
            || (!Type.IsPresent && LastUpdateId.IsPresent);

        public QuarantineCause Read(JsonValue data)
        {
            var scanner = new JsonScanner(data);
            scanner.BeginObject();
            while (scanner.NextKey(out var key))
            {
                if (key.Length == 1) TakeLetter(ref scanner, key[0]);
                else if (key.SequenceEqual("pu"u8)) scanner.Take(ref PreviousId);
                else if (key.SequenceEqual("lastUpdateId"u8)) scanner.Take(ref LastUpdateId);
                else scanner.Skip();
            }

            return scanner.Finish();
        }

        private void TakeLetter(ref JsonScanner scanner, byte letter)
        {
            switch (letter)
            {
                case (byte)'e': scanner.Take(ref Type); break;
                case (byte)'E': scanner.Take(ref EventTime); break;
                case (byte)'T': scanner.Take(ref TransactionTime); break;
                case (byte)'s': scanner.Take(ref Symbol); break;
                case (byte)'U': scanner.Take(ref FirstId); break;
                case (byte)'u': scanner.Take(ref LastId); break;
                case (byte)'b': scanner.Take(ref Bid); break;
                case (byte)'a': scanner.Take(ref Ask); break;
                case (byte)'B': scanner.Take(ref BidQuantity); break;
                case (byte)'A': scanner.Take(ref AskQuantity); break;
                case (byte)'p': scanner.Take(ref Price); break;
                case (byte)'q': scanner.Take(ref Quantity); break;
                case (byte)'t': scanner.Take(ref TradeId); break;
                case (byte)'m': scanner.Take(ref BuyerIsMaker); break;
                case (byte)'X': scanner.Take(ref Kind); break;
                default: scanner.Skip(); break;
            }
        }
    }
}
