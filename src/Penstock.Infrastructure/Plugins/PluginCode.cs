using System.Reflection;
using System.Runtime.CompilerServices;

namespace Penstock.Infrastructure.Plugins;

/// <summary>Makes the code of an assembly ready to run, on the thread that asks: the one that will run it does not wait for the compiler.</summary>
public static class PluginCode
{
    private const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Compiles every method that can be compiled alone. Null, or what does not fit this process.</summary>
    public static string? Compile(Assembly assembly)
    {
        try
        {
            foreach (var type in assembly.GetTypes())
            {
                if (type.ContainsGenericParameters) continue;
                RuntimeHelpers.RunClassConstructor(type.TypeHandle);
                foreach (var method in type.GetMethods(Own).Cast<MethodBase>().Concat(type.GetConstructors(Own))) Compile(method);
            }

            return null;
        }
        catch (ReflectionTypeLoadException e)
        {
            return e.LoaderExceptions.FirstOrDefault()?.Message ?? e.Message;
        }
        catch (Exception e) when (e is TypeLoadException or MissingMemberException or FileNotFoundException or FileLoadException or BadImageFormatException
            or InvalidProgramException or TypeInitializationException)
        {
            return (e.InnerException ?? e).Message;
        }
    }

    private static void Compile(MethodBase method)
    {
        if (!method.IsAbstract && !method.ContainsGenericParameters) RuntimeHelpers.PrepareMethod(method.MethodHandle);
    }
}
