namespace Penstock.Infrastructure.Journal;

/// <summary>How a journal was found.</summary>
public enum JournalCondition
{
    /// <summary>No segment.</summary>
    Empty,

    /// <summary>Whole and closed in good order.</summary>
    Closed,

    /// <summary>Whole, but not closed: being written now, or its writer died between two records.</summary>
    Open,

    /// <summary>Its writer died in the middle of something: everything before is whole, opening cuts the rest.</summary>
    TornTail,

    /// <summary>Bytes that were written are not what they were. Never repaired silently.</summary>
    Corrupt,

    /// <summary>Written by a newer version.</summary>
    NewerFormat,
}

/// <summary>The judgement over a whole journal. For a bad one, where it goes bad first.</summary>
public sealed record JournalVerdict
{
    public required JournalCondition Condition { get; init; }

    /// <summary>Every written record is there and intact.</summary>
    public bool Ok => Condition is JournalCondition.Empty or JournalCondition.Closed or JournalCondition.Open;

    /// <summary>Intact records before the first bad place.</summary>
    public long Records { get; init; }

    /// <summary>Their bytes, headers and padding included.</summary>
    public long Bytes { get; init; }

    /// <summary>Segments entered.</summary>
    public int Segments { get; init; }

    /// <summary>Last intact sequence.</summary>
    public long LastSequence { get; init; }

    /// <summary>Where it goes bad, or where it ends.</summary>
    public long Segment { get; init; }

    /// <summary>Byte offset in that segment: of the bad record's header, or of the end.</summary>
    public long Offset { get; init; }

    public JournalFault Fault { get; init; }

    /// <summary>One line for a person.</summary>
    public string Describe() => Condition switch
    {
        JournalCondition.Empty => "empty",
        JournalCondition.NewerFormat => $"segment {Segment:D8} was written by a newer Penstock; open it with that version",
        JournalCondition.Closed or JournalCondition.Open
            => $"{Records} records in {Segments} segments, {Bytes} bytes, last sequence {LastSequence}, "
               + (Condition == JournalCondition.Closed ? "closed" : "not closed"),
        _ => $"{(Condition == JournalCondition.TornTail ? "torn tail" : "corrupt")} at segment {Segment:D8}, byte {Offset}"
             + $" ({Fault}); {Records} records before it are intact, last sequence {LastSequence}",
    };
}
