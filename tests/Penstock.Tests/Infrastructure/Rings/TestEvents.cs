using System.Runtime.CompilerServices;

namespace Penstock.Tests.Infrastructure.Rings;

/// <summary>64 bytes whose words all depend on the first, so that a torn copy shows.</summary>
[InlineArray(8)]
public struct LineEvent
{
    private long _first;

    public static LineEvent Of(long number)
    {
        var made = default(LineEvent);
        for (var i = 0; i < 8; i++) made[i] = number * (i + 1);
        return made;
    }

    public readonly long Number => _first;

    public readonly bool IsWhole
    {
        get
        {
            for (var i = 0; i < 8; i++) if (this[i] != _first * (i + 1)) return false;
            return true;
        }
    }
}

/// <summary>24 bytes: slots with gaps.</summary>
public record struct SmallEvent(long Number, long Twice, int Low)
{
    public static SmallEvent Of(long number) => new(number, number * 2, (int)number);

    public readonly bool IsWhole => Twice == Number * 2 && Low == (int)Number;
}

/// <summary>320 bytes: many lines, written and read in place.</summary>
[InlineArray(40)]
public struct LargeEvent
{
    private long _first;

    public static LargeEvent Of(long number)
    {
        var made = default(LargeEvent);
        for (var i = 0; i < 40; i++) made[i] = number + i;
        return made;
    }

    public readonly long Number => _first;

    public readonly bool IsWhole
    {
        get
        {
            for (var i = 0; i < 40; i++) if (this[i] != _first + i) return false;
            return true;
        }
    }
}
