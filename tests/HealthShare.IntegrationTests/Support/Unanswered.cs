using System.Net.Sockets;

namespace HealthShare.IntegrationTests.Support;

/// <summary>Requests to a process that ends before it answers.</summary>
internal static class Unanswered
{
    /// <summary>Sends a request that must get no answer.</summary>
    public static async Task SendAsync(Func<Task> send)
    {
        var failure = await Record.ExceptionAsync(send);
        // A connection that breaks the moment it stands reaches the caller as the bare socket's error.
        Assert.True(failure is HttpRequestException or SocketException, failure?.ToString() ?? "The request was answered.");
    }
}
