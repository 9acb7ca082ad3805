using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Rings;
using Penstock.MarketData.Books;
using Penstock.Model.Markets;
using Penstock.Strategies;
using Penstock.Trading.Execution;
using Penstock.Trading.Orders;

namespace Penstock.Tests.Strategies;

/// <summary>
/// Compares two engines field by field, private ones too: a field that somebody adds and forgets to save is named by its path.
/// </summary>
internal static class ObjectGraph
{
    /// <summary>
    /// Where outputs go is not state, nor how often readers beside the engine had to look again, nor which call its thread is in; books are
    /// compared by their levels, orders through the lists they are in.
    /// </summary>
    private static readonly Type[] Skipped =
    [
        typeof(IJournalAppender), typeof(IOrderOutbox), typeof(SequenceLock), typeof(StrategyCalls), typeof(Delegate), typeof(Type),
    ];

    public static void AssertEqual(TradingEngine left, TradingEngine right)
    {
        Compare("engine", left, right, []);
    }

    private static void Compare(string path, object? left, object? right, HashSet<object> seen)
    {
        if (left is null || right is null)
        {
            Assert.True(left is null && right is null, $"{path}: {left ?? "null"} became {right ?? "null"}");
            return;
        }

        var type = left.GetType();
        Assert.True(type == right.GetType(), $"{path}: {type.Name} became {right.GetType().Name}");
        if (Skipped.Any(s => s.IsAssignableFrom(type))) return;
        if (left is IOrderBook book)
        {
            Assert.Equal(Described(book), Described((IOrderBook)right));
            return;
        }

        if (left is ParentOrder parent)
        {
            // A block with an inline array, which has no Equals.
            var (a, b) = (parent, (ParentOrder)right);
            Assert.True(Bytes(a).SequenceEqual(Bytes(b)), $"{path}: {a.Id} {a.State} became {b.Id} {b.State}");
            return;
        }

        if (type.IsValueType && left.Equals(right)) return;
        if (type.IsPrimitive || type.IsEnum || left is string or Int128)
        {
            Assert.True(left.Equals(right), $"{path}: {left} became {right}");
            return;
        }

        if (!type.IsValueType && !seen.Add(new Once(left))) return;
        switch (left)
        {
            case Array array when IsSameBlock(array, (Array)right):
                return;
            case IEnumerable many:
                CompareItems(path, many, (IEnumerable)right, seen);
                return;
            default:
                // Hash tables and the places in the pool may differ; what is found through them may not.
                // What a batch touched is scratch, and so is the subscription that is being called.
                CompareFields(path, type, left, right, seen, type.Name switch
                {
                    "OrderPool" => ["_orders", "_ids", "_following", "_buckets"],
                    nameof(FillWindow) => ["_before", "_newest"],
                    nameof(TradingEngine) => ["_touched"],
                    "BarSubscriptions" => ["_current"],
                    _ => [],
                });
                return;
        }
    }

    /// <summary>Large tables of values, at once; where bytes differ, the values are looked at one by one.</summary>
    private static bool IsSameBlock(Array left, Array right) => left.Rank == 1 && left.GetType().GetElementType() is { IsValueType: true } element
        && (bool)typeof(ObjectGraph).GetMethod(nameof(IsSame), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(element).Invoke(null, [left, right])!;

    private static bool IsSame<T>(T[] left, T[] right)
        where T : struct =>
        !RuntimeHelpers.IsReferenceOrContainsReferences<T>()
        && MemoryMarshal.AsBytes<T>(left).SequenceEqual(MemoryMarshal.AsBytes<T>(right));

    private static byte[] Bytes(ParentOrder parent) => MemoryMarshal.AsBytes(new ReadOnlySpan<ParentOrder>(in parent)).ToArray();

    private static string Described(IOrderBook book)
    {
        var levels = new[] { Side.Buy, Side.Sell }.Select(side =>
        {
            var top = new BookLevel[book.Count(side)];
            book.CopyTop(side, top);
            return string.Join(' ', top);
        });
        return $"{book.Flags} {book.IsConsistent} {book.LastUpdateId} {book.LastReceived} {string.Join(" | ", levels)}";
    }

    private static void CompareItems(string path, IEnumerable left, IEnumerable right, HashSet<object> seen)
    {
        var (a, b) = (left.Cast<object?>().ToList(), right.Cast<object?>().ToList());
        Assert.True(a.Count == b.Count, $"{path}: {a.Count} items became {b.Count}");
        for (var i = 0; i < a.Count; i++) Compare($"{path}[{i}]", a[i], b[i], seen);
    }

    private static void CompareFields(string path, Type type, object left, object right, HashSet<object> seen, string[] except)
    {
        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
        {
            foreach (var field in at.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (except.Contains(field.Name) || (type == typeof(Order) && field.Name == "Slot")) continue;
                Compare($"{path}.{field.Name}", field.GetValue(left), field.GetValue(right), seen);
            }
        }
    }

    /// <summary>An object by identity.</summary>
    private readonly record struct Once(object Item)
    {
        public bool Equals(Once other) => ReferenceEquals(Item, other.Item);

        public override int GetHashCode() => RuntimeHelpers.GetHashCode(Item);
    }
}
