using Penstock.Trading.Orders;

namespace Penstock.Strategies;

/// <summary>Strategies hear of their parent orders behind the input that changed them, when no list of orders is being walked.</summary>
public sealed partial class TradingEngine : IParentObserver
{
    private bool _hasParentNews;

    void IParentObserver.OnParent(in ParentOrder parent) => _hasParentNews |= parent.HasNews;

    /// <summary>What strategies cause meanwhile is told after the next input, so that none can keep this going. Allocates nothing.</summary>
    private void DispatchParents()
    {
        _hasParentNews = false;
        foreach (ref var parent in Orders.Parents.Records)
        {
            if (!ParentBook.TryTakeNews(ref parent, out var filled) || _format < Format5) continue;
            if (parent.Strategy <= _runners.Length) _runners[parent.Strategy - 1].OnParent(new ParentEvent(parent, filled));
        }

        _hasParentNews = _hasParentNews && HasParentNews();
    }

    private bool HasParentNews()
    {
        foreach (ref readonly var parent in Orders.Parents.Records)
        {
            if (parent.HasNews) return true;
        }

        return false;
    }
}
