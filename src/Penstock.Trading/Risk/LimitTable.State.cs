using Penstock.Infrastructure.Snapshots;

namespace Penstock.Trading.Risk;

public sealed partial class LimitTable
{
    /// <summary>The caps by the catalogue's order of names; a build that knows more names refuses the state of one that knew fewer.</summary>
    internal void Archive(StateArchive state)
    {
        state.Values(_node.AsSpan());
        foreach (var caps in (Int128[]?[][])[_ofInstrument, _ofStrategy, _ofVenue])
        {
            foreach (var own in caps)
            {
                if (own is not null) state.Values(own.AsSpan());
            }
        }

        state.Values(_strategyHasAny.AsSpan());
        state.Values(_venueHasAny.AsSpan());
        ChangesHash = state.Value(ChangesHash);
    }
}

public sealed partial class KillScopes
{
    internal void Archive(StateArchive state)
    {
        state.Values(_strategies.AsSpan());
        state.Values(_venues.AsSpan());
        (All, Any) = (state.Value(All), state.Value(Any));
        ChangesHash = state.Value(ChangesHash);
    }
}
