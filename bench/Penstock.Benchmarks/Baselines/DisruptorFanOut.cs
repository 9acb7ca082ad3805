using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Emit;
using Penstock.Model.Markets;

namespace Penstock.Benchmarks.Baselines;

/// <summary>What a Disruptor handler does with an event. Public, because the handler type made at run time derives from it.</summary>
public class SummingHandler
{
    private long _sum;
    private long _seen;

    public long Sum => Volatile.Read(ref _sum);

    public long Seen => Volatile.Read(ref _seen);

    public void Take(ref MarketEvent marketEvent)
    {
        _sum += marketEvent.Sequence;
        Volatile.Write(ref _seen, _seen + 1);
    }
}

/// <summary>
/// Disruptor-net's ValueDisruptor without a reference to it: the handler type and the publishing loop are emitted against
/// the assembly found, so that neither pays for reflection while it is measured.
/// </summary>
internal sealed class DisruptorFanOut
{
    private readonly Assembly _assembly;
    private readonly Type _disruptor;
    private readonly Type _handler;
    private readonly Action<object, MarketEvent[], int> _publish;

    private DisruptorFanOut(Assembly assembly)
    {
        _assembly = assembly;
        _disruptor = Named("Disruptor.Dsl.ValueDisruptor`1").MakeGenericType(typeof(MarketEvent));
        _handler = EmitHandler(Named("Disruptor.IValueEventHandler`1").MakeGenericType(typeof(MarketEvent)));
        _publish = EmitPublish(Named("Disruptor.ValueRingBuffer`1").MakeGenericType(typeof(MarketEvent)));
    }

    /// <summary>Null when the assembly is not there or not the one it should be.</summary>
    public static DisruptorFanOut? TryLoad(string path, out string problem)
    {
        problem = "";
        try
        {
            return new DisruptorFanOut(Assembly.LoadFrom(Path.GetFullPath(path)));
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or TypeLoadException or MissingMemberException or ArgumentException or NotSupportedException)
        {
            problem = e.Message;
            return null;
        }
    }

    public double EventsPerSecond(int events, int consumers, int batchLength, int capacity)
    {
        var wait = Activator.CreateInstance(Named("Disruptor.YieldingWaitStrategy"));
        var single = Enum.Parse(Named("Disruptor.Dsl.ProducerType"), "Single");
        var disruptor = Activator.CreateInstance(_disruptor, (Func<MarketEvent>)(static () => default), capacity, TaskScheduler.Default, single, wait)!;
        var handlers = Array.CreateInstance(Named("Disruptor.IValueEventHandler`1").MakeGenericType(typeof(MarketEvent)), consumers);
        for (var i = 0; i < consumers; i++) handlers.SetValue(Activator.CreateInstance(_handler), i);
        Method(_disruptor, "HandleEventsWith", handlers.GetType()).Invoke(disruptor, [handlers]);
        Method(_disruptor, "Start").Invoke(disruptor, null);
        var ring = RingOf(disruptor);

        var batch = new MarketEvent[batchLength];
        var watch = Stopwatch.StartNew();
        for (var next = 1; next <= events;)
        {
            var count = Math.Min(batchLength, events - next + 1);
            for (var i = 0; i < count; i++) batch[i].Sequence = next + i;
            _publish(ring, batch, count);
            next += count;
        }

        var all = handlers.Cast<SummingHandler>().ToArray();
        while (all.Any(h => h.Seen < events)) Thread.Yield();
        watch.Stop();
        Method(_disruptor, "Halt").Invoke(disruptor, null);
        if (all.Any(h => h.Sum != (long)events * (events + 1) / 2)) throw new InvalidOperationException("A Disruptor handler saw other events than were published.");
        return events / watch.Elapsed.TotalSeconds;
    }

    /// <summary>class Handler : SummingHandler, IValueEventHandler { void OnEvent(ref T e, long sequence, bool last) => Take(ref e); }</summary>
    private static Type EmitHandler(Type contract)
    {
        var module = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Penstock.Benchmarks.Emitted"), AssemblyBuilderAccess.Run).DefineDynamicModule("Emitted");
        var type = module.DefineType("DisruptorHandler", TypeAttributes.Public | TypeAttributes.Sealed, typeof(SummingHandler), [contract]);
        type.DefineDefaultConstructor(MethodAttributes.Public);
        var onEvent = Method(contract, "OnEvent", typeof(MarketEvent).MakeByRefType(), typeof(long), typeof(bool));
        var method = type.DefineMethod("OnEvent", MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.HideBySig,
            typeof(void), [typeof(MarketEvent).MakeByRefType(), typeof(long), typeof(bool)]);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Call, Method(typeof(SummingHandler), nameof(SummingHandler.Take), typeof(MarketEvent).MakeByRefType()));
        il.Emit(OpCodes.Ret);
        type.DefineMethodOverride(method, onEvent);
        return type.CreateType();
    }

    /// <summary>hi = ring.Next(n); for i: ring[hi − n + 1 + i] = batch[i]; ring.Publish(hi − n + 1, hi).</summary>
    private static Action<object, MarketEvent[], int> EmitPublish(Type ring)
    {
        var method = new DynamicMethod("Publish", typeof(void), [typeof(object), typeof(MarketEvent[]), typeof(int)], typeof(DisruptorFanOut).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        var (typed, low, high, index) = (il.DeclareLocal(ring), il.DeclareLocal(typeof(long)), il.DeclareLocal(typeof(long)), il.DeclareLocal(typeof(int)));
        var (body, test) = (il.DefineLabel(), il.DefineLabel());
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Castclass, ring);
        il.Emit(OpCodes.Stloc, typed);
        il.Emit(OpCodes.Ldloc, typed);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Callvirt, Method(ring, "Next", typeof(int)));
        il.Emit(OpCodes.Stloc, high);
        il.Emit(OpCodes.Ldloc, high);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Conv_I8);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Conv_I8);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, low);
        il.Emit(OpCodes.Br, test);
        il.MarkLabel(body);
        il.Emit(OpCodes.Ldloc, typed);
        il.Emit(OpCodes.Ldloc, low);
        il.Emit(OpCodes.Ldloc, index);
        il.Emit(OpCodes.Conv_I8);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Callvirt, Method(ring, "get_Item", typeof(long)));
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldloc, index);
        il.Emit(OpCodes.Ldelem, typeof(MarketEvent));
        il.Emit(OpCodes.Stobj, typeof(MarketEvent));
        il.Emit(OpCodes.Ldloc, index);
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, index);
        il.MarkLabel(test);
        il.Emit(OpCodes.Ldloc, index);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Blt, body);
        il.Emit(OpCodes.Ldloc, typed);
        il.Emit(OpCodes.Ldloc, low);
        il.Emit(OpCodes.Ldloc, high);
        il.Emit(OpCodes.Callvirt, Method(ring, "Publish", typeof(long), typeof(long)));
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Action<object, MarketEvent[], int>>();
    }

    private Type Named(string name) => _assembly.GetType(name) ?? throw new TypeLoadException($"{_assembly.GetName().Name} has no type {name}");

    /// <summary>The class hides the base's property of that name with one of the exact type.</summary>
    private static object RingOf([DisallowNull] object disruptor) => disruptor.GetType().GetProperties()
        .First(p => p.Name == "RingBuffer" && p.PropertyType.Name == "ValueRingBuffer`1").GetValue(disruptor)!;

    private static MethodInfo Method(Type type, string name, params Type[] parameters) =>
        type.GetMethod(name, parameters) ?? throw new MissingMethodException(type.Name, name);
}
