using System.Reflection;
using System.Runtime.CompilerServices;

namespace Penstock.Infrastructure.Plugins;

/// <summary>The code of a plugin before anybody runs it.</summary>
public static class PluginCode
{
    /// <summary>
    /// Compiles every method that can be compiled alone, on the thread that asks: the one that will run it does not wait for the compiler. Null, or
    /// what does not fit this process.
    /// </summary>
    public static string? Compile(Assembly assembly)
    {
        try
        {
            foreach (var type in assembly.DefinedTypes)
            {
                if (type.ContainsGenericParameters) continue;
                RuntimeHelpers.RunClassConstructor(type.TypeHandle);
                foreach (var method in type.DeclaredMethods.Cast<MethodBase>().Concat(type.DeclaredConstructors)) Compile(method);
            }

            return null;
        }
        catch (ReflectionTypeLoadException e)
        {
            return e.LoaderExceptions.FirstOrDefault()?.Message ?? e.Message;
        }
        catch (Exception e) when (IsMisfit(e) || e is InvalidProgramException or TypeInitializationException)
        {
            return (e.InnerException ?? e).Message;
        }
    }

    /// <summary>Thrown where a type, a member or an attribute of a plugin was built against something this process does not have.</summary>
    public static bool IsMisfit(Exception e) => e is TypeLoadException or MissingMemberException or FileNotFoundException or FileLoadException
        or BadImageFormatException or CustomAttributeFormatException;

    private static void Compile(MethodBase method)
    {
        if (!method.IsAbstract && !method.ContainsGenericParameters) RuntimeHelpers.PrepareMethod(method.MethodHandle);
    }
}
