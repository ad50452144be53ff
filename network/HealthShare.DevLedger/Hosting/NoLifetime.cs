using Microsoft.Extensions.Hosting;

namespace HealthShare.DevLedger.Hosting;

/// <summary>Leaves signals of the process to whoever runs the process.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken ct) => Task.CompletedTask;

    public Task StopAsync(CancellationToken ct) => Task.CompletedTask;
}
