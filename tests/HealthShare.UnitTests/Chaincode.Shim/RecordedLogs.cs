using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace HealthShare.UnitTests.Chaincode.Shim;

/// <summary>Keeps log lines, to see what is said and what is not.</summary>
internal sealed class RecordedLogs : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> lines = new();
    private readonly SemaphoreSlim added = new(0);

    public IReadOnlyCollection<string> Lines => lines;

    public async Task WaitForAsync(string text, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        while (!lines.Any(line => line.Contains(text, StringComparison.Ordinal)))
            await added.WaitAsync(limit.Token);
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lines.Enqueue($"{formatter(state, exception)} {exception}");
        added.Release();
    }

    public void Dispose() => added.Dispose();
}
