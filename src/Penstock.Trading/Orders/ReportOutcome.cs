namespace Penstock.Trading.Orders;

/// <summary>What one execution report came to.</summary>
public enum ReportOutcome : byte
{
    /// <summary>It said what is known already.</summary>
    Unchanged,
    Applied,
    /// <summary>A fill to account; the order changed too.</summary>
    Fill,
    /// <summary>A fill to account of an order that had ended without it.</summary>
    LateFill,
    /// <summary>A fill to account of an order of ours we have no record of.</summary>
    OrphanFill,
    DuplicateFill,
    /// <summary>No legal transition: counted and ignored.</summary>
    Illegal,
    /// <summary>An order of ours by its id, live at the venue and unknown here.</summary>
    Stray,
    /// <summary>An order of ours that ended here without its venue's word, or that we had and forgot: its venue shows it live.</summary>
    Reappeared,
    /// <summary>Not an order of ours.</summary>
    External,
}
