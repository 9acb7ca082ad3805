using Penstock.MarketData.Books;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Strategies.Backtesting;

/// <summary>
/// What we have taken of the displayed levels of one side. The recording goes on showing it, as if we had never been there; it is not
/// there for us a second time until the level was gone, or beyond what is added to it.
/// </summary>
internal sealed class TakenLevels
{
    public const int LevelsMax = 512;

    private readonly List<(long PriceRaw, long TakenRaw)> _levels = new(LevelsMax);

    public int Count => _levels.Count;

    public long At(long priceRaw)
    {
        foreach (var level in _levels)
        {
            if (level.PriceRaw == priceRaw) return level.TakenRaw;
        }

        return 0;
    }

    /// <summary>False when no more levels can be remembered: then nothing may be taken.</summary>
    public bool TryAdd(long priceRaw, long quantityRaw)
    {
        for (var i = 0; i < _levels.Count; i++)
        {
            if (_levels[i].PriceRaw != priceRaw) continue;
            _levels[i] = (priceRaw, _levels[i].TakenRaw + quantityRaw);
            return true;
        }

        if (_levels.Count == LevelsMax) return false;
        _levels.Add((priceRaw, quantityRaw));
        return true;
    }

    /// <summary>The level now shows that much: what we took of it can be no more.</summary>
    public void Show(long priceRaw, long displayedRaw)
    {
        for (var i = 0; i < _levels.Count; i++)
        {
            if (_levels[i].PriceRaw != priceRaw) continue;
            if (displayedRaw <= 0) _levels.RemoveAt(i);
            else if (_levels[i].TakenRaw > displayedRaw) _levels[i] = (priceRaw, displayedRaw);
            return;
        }
    }

    /// <summary>A whole new book.</summary>
    public void ShowAll(IOrderBook book, Side side)
    {
        for (var i = _levels.Count - 1; i >= 0; i--) Show(_levels[i].PriceRaw, BookDepth.At(book, side, new Price(_levels[i].PriceRaw)));
    }
}
