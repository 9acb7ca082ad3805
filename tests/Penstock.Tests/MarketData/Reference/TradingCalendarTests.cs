using System.Globalization;
using Penstock.Infrastructure.Problems;
using Penstock.MarketData.Reference;

namespace Penstock.Tests.MarketData.Reference;

[Trait("requirement", "R23")]
public sealed class TradingCalendarTests
{
    private static readonly TradingCalendar Nse = TradingCalendar.Load("nse");
    private static readonly TradingCalendar Nyse = TradingCalendar.Load("nyse");

    [Theory]
    [InlineData("2026-11-20T03:29:59Z", MarketPhase.Closed)]
    [InlineData("2026-11-20T03:30:00Z", MarketPhase.PreOpen)]
    [InlineData("2026-11-20T03:44:59Z", MarketPhase.PreOpen)]
    [InlineData("2026-11-20T03:45:00Z", MarketPhase.Trading)]
    [InlineData("2026-11-20T09:59:59Z", MarketPhase.Trading)]
    [InlineData("2026-11-20T10:00:00Z", MarketPhase.Closed)]
    [InlineData("2026-11-21T05:00:00Z", MarketPhase.Closed)]
    [InlineData("2026-11-24T05:00:00Z", MarketPhase.Closed)]
    [InlineData("2027-01-04T05:00:00Z", MarketPhase.Closed)]
    public void Nse_trades_from_a_quarter_past_nine_to_half_past_three_in_kolkata(string at, MarketPhase expected) => Assert.Equal(expected, Nse.PhaseAt(At(at)));

    [Theory]
    [InlineData("2026-03-06T14:29:59Z", false)]
    [InlineData("2026-03-06T14:30:00Z", true)]
    [InlineData("2026-03-09T13:29:59Z", false)]
    [InlineData("2026-03-09T13:30:00Z", true)]
    [InlineData("2026-10-30T13:30:00Z", true)]
    [InlineData("2026-11-02T13:30:00Z", false)]
    [InlineData("2026-11-02T14:30:00Z", true)]
    [InlineData("2026-11-27T17:59:59Z", true)]
    [InlineData("2026-11-27T18:00:00Z", false)]
    [InlineData("2026-11-25T18:00:00Z", true)]
    public void New_york_keeps_its_own_time_of_day_over_both_changes_of_clocks_and_half_days(string at, bool expected) => Assert.Equal(expected, Nyse.IsOpen(At(at)));

    [Fact]
    public void The_next_open_and_close_skip_weekends_holidays_and_what_is_not_known()
    {
        Assert.Equal(At("2026-11-25T03:45:00Z"), Nse.NextOpen(At("2026-11-23T10:00:00Z")));
        Assert.Equal(At("2026-11-20T10:00:00Z"), Nse.NextClose(At("2026-11-20T04:00:00Z")));
        Assert.Equal(At("2026-11-27T14:30:00Z"), Nyse.NextOpen(At("2026-11-25T21:00:00Z")));
        Assert.Null(Nse.NextOpen(At("2026-12-31T10:00:00Z")));
        Assert.Equal("Christmas", Nse.Remark(new DateOnly(2026, 12, 25)));
        Assert.Contains("not known", Nse.Remark(new DateOnly(2027, 1, 4)), StringComparison.Ordinal);
        Assert.Null(Nse.Remark(new DateOnly(2026, 11, 20)));
    }

    [Fact]
    public void A_year_of_sessions_is_counted_as_published()
    {
        var days = Nse.Sessions(At("2026-01-01T00:00:00Z"), At("2027-01-01T00:00:00Z")).Where(s => s.Phase == MarketPhase.Trading).ToList();
        Assert.Equal(261 - 16, days.Count);
        Assert.All(days, d => Assert.Equal(TimeSpan.FromMinutes(375), d.To - d.From));
        var nyse = Nyse.Sessions(At("2026-01-01T00:00:00Z"), At("2027-01-01T00:00:00Z")).Where(s => s.Phase == MarketPhase.Trading).ToList();
        Assert.Equal((261 - 10, 2), (nyse.Count, nyse.Count(s => s.To - s.From == TimeSpan.FromHours(3.5))));
    }

    [Fact]
    public void Crypto_never_closes_but_for_the_maintenance_it_announced()
    {
        var pause = new MaintenanceWindow(At("2026-11-22T02:00:00Z"), At("2026-11-22T03:00:00Z"), "wallet upgrade");
        var calendar = TradingCalendar.Load("crypto", [pause]);
        Assert.True(calendar.IsOpen(At("2026-11-22T01:59:59Z")));
        Assert.Equal(MarketPhase.Maintenance, calendar.PhaseAt(pause.From));
        Assert.Equal((pause.From, pause.To), (calendar.NextClose(At("2026-01-01T00:00:00Z")), calendar.NextOpen(pause.From)));
        Assert.Null(calendar.NextClose(pause.To));
        Assert.Equal(
            [MarketPhase.Trading, MarketPhase.Maintenance, MarketPhase.Trading],
            calendar.Sessions(At("2026-11-22T00:00:00Z"), At("2026-11-23T00:00:00Z")).Select(s => s.Phase));
    }

    /// <summary>Goal: the same answer as a twin that looks at the local wall clock of every moment, over sessions that cross midnight and clock changes.</summary>
    [Theory]
    [InlineData("America/New_York")]
    [InlineData("Asia/Kolkata")]
    [InlineData("Australia/Lord_Howe")]
    public void A_naive_twin_reads_the_same_from_the_clock_on_the_wall(string zone)
    {
        var calendar = new TradingCalendar(new CalendarDefinition
        {
            Name = "twin", Zone = zone, Source = "test", SourceDate = new DateOnly(2026, 1, 1), Weekdays = [DayOfWeek.Sunday, DayOfWeek.Monday, DayOfWeek.Wednesday, DayOfWeek.Friday],
            Sessions = [new SessionTimes(MarketPhase.Trading, new TimeOnly(4, 30), new TimeOnly(12, 0)), new SessionTimes(MarketPhase.Trading, new TimeOnly(18, 0), new TimeOnly(0, 45))],
            Holidays = [new Holiday(new DateOnly(2026, 7, 1), "a Wednesday")],
        });
        var local = TimeZoneInfo.FindSystemTimeZoneById(zone);
        var random = new Random(20_261_121);
        for (var i = 0; i < 20_000; i++)
        {
            var at = At("2026-01-02T00:00:00Z").AddMinutes(random.Next(0, 362 * 24 * 60));
            Assert.Equal(Twin(TimeZoneInfo.ConvertTime(at, local).DateTime, calendar.Definition), calendar.IsOpen(at));
        }

        for (var i = 0; i < 200; i++)
        {
            var at = At("2026-01-02T00:00:00Z").AddMinutes(random.Next(0, 362 * 24 * 60));
            var open = calendar.NextOpen(at)!.Value;
            Assert.True(calendar.IsOpen(open) && !calendar.IsOpen(open.AddTicks(-1)) && open > at, $"{at:O} {open:O}");
            var close = calendar.NextClose(at)!.Value;
            Assert.True(!calendar.IsOpen(close) && calendar.IsOpen(close.AddTicks(-1)) && close > at, $"{at:O} {close:O}");
        }
    }

    [Fact]
    public void An_hour_that_does_not_exist_begins_when_the_clocks_were_changed()
    {
        var calendar = new TradingCalendar(new CalendarDefinition
        {
            Name = "gap", Zone = "America/New_York", Source = "test", SourceDate = new DateOnly(2026, 1, 1), Weekdays = [DayOfWeek.Sunday],
            Sessions = [new SessionTimes(MarketPhase.Trading, new TimeOnly(2, 30), new TimeOnly(4, 0))],
        });
        Assert.Equal(At("2026-03-08T07:00:00Z"), calendar.NextOpen(At("2026-03-08T00:00:00Z")));
        Assert.Equal(At("2026-11-01T07:30:00Z"), calendar.NextOpen(At("2026-11-01T00:00:00Z")));
    }

    [Fact]
    public void What_is_no_calendar_is_one_clear_error()
    {
        Assert.Equal(ExitCode.NotFound, Assert.Throws<Problem>(() => TradingCalendar.Load("nsee")).Code);
        Assert.Equal(["crypto", "nse", "nyse"], TradingCalendar.Names);
        var bad = new CalendarDefinition { Name = "bad", Zone = "Mars/Olympus", Source = "test", SourceDate = new DateOnly(2026, 1, 1), AlwaysOpen = true };
        Assert.Equal(ExitCode.Configuration, Assert.Throws<Problem>(() => new TradingCalendar(bad)).Code);
        Assert.Equal(ExitCode.Configuration, Assert.Throws<Problem>(() => new TradingCalendar(bad with { Zone = "Etc/UTC", AlwaysOpen = false })).Code);
        foreach (var name in TradingCalendar.Names) Assert.Contains("http", TradingCalendar.Load(name).Definition.Source + (name == "crypto" ? "http" : ""), StringComparison.Ordinal);
    }

    private static bool Twin(DateTime local, CalendarDefinition definition)
    {
        bool Trades(DateOnly day) => definition.Weekdays.Contains(day.DayOfWeek) && definition.Holidays.All(h => h.Date != day);
        var (today, time) = (DateOnly.FromDateTime(local), TimeOnly.FromDateTime(local));
        foreach (var session in definition.Sessions)
        {
            var overnight = session.To <= session.From;
            if (Trades(today) && time >= session.From && (overnight || time < session.To)) return true;
            if (overnight && Trades(today.AddDays(-1)) && time < session.To) return true;
        }

        return false;
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
