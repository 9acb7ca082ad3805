using System.Globalization;
using Penstock.Infrastructure.Problems;
using Penstock.MarketData.Reference;
using Penstock.Model.Instruments;
using Penstock.Node.Configuration;
using Penstock.Node.Wiring;

namespace Penstock.Node.Commands;

/// <summary>Reference data of a node (R23): the calendars its venues keep, and the history of their instruments in the data folder.</summary>
internal static class ReferenceData
{
    public static string HistoryPath(string data) => Path.Combine(data, "reference", "instruments.jsonl");

    /// <exception cref="Problem">No such calendar, or a pause that does not read.</exception>
    public static TradingCalendar? CalendarOf(VenueConfiguration venue) =>
        venue.Calendar.Length == 0 && venue.Maintenance.Count == 0 ? null
        : TradingCalendar.Load(venue.Calendar.Length == 0 ? "crypto" : venue.Calendar, [.. venue.Maintenance.Select(m => Window(venue.Name, m))]);

    /// <summary>
    /// What the schedule says of each instrument on a day, where it says anything. Where it does not, the venue's own rates hold, and where
    /// those are not set either, <see cref="FeeTable.Unknown"/>. Nothing at all without a schedule.
    /// </summary>
    /// <exception cref="Problem">The file cannot be used.</exception>
    public static IEnumerable<InstrumentFeeEntry> Fees(NodeConfiguration configuration, IReadOnlyList<InstrumentEntry> instruments, DateOnly day)
    {
        if (configuration.FeeSchedule.Length == 0) yield break;
        var schedule = FeeSchedule.Load(configuration.FeeSchedule);
        for (var i = 0; i < instruments.Count; i++)
        {
            var venue = configuration.Venues[instruments[i].Venue - 1];
            if (schedule.Find(venue.Name, venue.FeeTier, instruments[i].Symbol, day) is { } line)
                yield return Of(i + 1, FeeRates.FromBps(line.MakerBps, line.TakerBps));
            else if (venue is { MakerFeePpm: 0, TakerFeePpm: 0 }) yield return Of(i + 1, FeeTable.Unknown);
        }

        static InstrumentFeeEntry Of(int instrument, FeeRates rates) => new(instrument, rates.MakerE8, rates.TakerE8);
    }

    /// <summary>Compares what the venues list now with what they listed at the last start, and keeps the differences.</summary>
    public static void Record(string data, IReadOnlyList<VenueSetup> venues, InstrumentTable table, long unixNs)
    {
        var history = InstrumentHistory.Open(HistoryPath(data));
        for (var i = 0; i < venues.Count; i++)
        {
            var id = new VenueId((byte)(i + 1));
            history.Record(venues[i].Venue.Profile.Name, [.. table.All.Where(x => x.Venue == id)], unixNs, venues[i].Endpoints.Rest.ToString());
        }
    }

    private static MaintenanceWindow Window(string venue, string text)
    {
        var parts = text.Split('/');
        return parts.Length == 2 && TryTime(parts[0], out var from) && TryTime(parts[1], out var to) ? new MaintenanceWindow(from, to, "announced by the venue")
            : throw new Problem(ExitCode.Configuration, $"'{text}' is no pause", $"venues, {venue}, maintenance", "expected from/to in UTC", "2026-11-22T02:00:00Z/2026-11-22T03:00:00Z");
    }

    private static bool TryTime(string text, out DateTimeOffset time) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
}
