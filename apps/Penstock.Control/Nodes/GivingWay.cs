using System.ComponentModel;
using System.Diagnostics;

namespace Penstock.Control.Nodes;

/// <summary>What watches a node gives way to it: where both want a core the node has it. Before threads are started, for they inherit it.</summary>
internal static class GivingWay
{
    public static void Begin()
    {
        try
        {
            using var self = Process.GetCurrentProcess();
            self.PriorityClass = ProcessPriorityClass.BelowNormal;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or NotSupportedException)
        {
            // A wish: a system that does not grant it runs us beside the node.
        }
    }
}
