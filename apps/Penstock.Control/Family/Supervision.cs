namespace Penstock.Control.Family;

/// <summary>The child's side of the pipe: completes when the supervisor is gone.</summary>
internal static class Supervision
{
    /// <summary>Completes when standard input ends. Only for processes started with --supervised.</summary>
    public static Task ParentGone() => Task.Factory.StartNew(
        () =>
        {
            var buffer = new byte[64];
            using var input = Console.OpenStandardInput();
            while (input.Read(buffer) > 0)
            {
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);
}
