using System.Net.Sockets;
using HealthShare.Fabric.Protocol.Connection;

namespace HealthShare.IntegrationTests.Support;

/// <summary>What the suite runs on: development ledgers of its own, or the Fabric network that the environment names.</summary>
internal static class Backend
{
    /// <summary>Names the connection file of a running network.</summary>
    public const string ConnectionVariable = "HEALTHSHARE_FABRIC";

    /// <summary>1 makes a network that is not named or cannot be reached a failure.</summary>
    public const string RequiredVariable = "HEALTHSHARE_FABRIC_REQUIRED";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly Lazy<string?> Missing = new(FindMissing);

    /// <summary>The connection file; null on the development ledger. A test host runs elsewhere than the shell that named it.</summary>
    public static string? ConnectionPath { get; } = Environment.GetEnvironmentVariable(ConnectionVariable) is { Length: > 0 } path
        ? Path.GetFullPath(path, Environment.GetEnvironmentVariable("PWD") ?? Environment.CurrentDirectory)
        : null;

    public static bool IsFabric => ConnectionPath is not null;

    public static bool IsRequired { get; } = Environment.GetEnvironmentVariable(RequiredVariable) == "1";

    /// <summary>Why tests of the channel are left out; null where they run, or must fail.</summary>
    public static string? SkipReason => IsRequired ? null : Missing.Value;

    /// <summary>Refuses to begin without the network that was asked for.</summary>
    /// <exception cref="InvalidOperationException">The network is required, and not there.</exception>
    public static void Require()
    {
        if (IsRequired && ConnectionPath is null)
            throw new InvalidOperationException($"{RequiredVariable} is 1, and {ConnectionVariable} names no connection file.");
        if (Missing.Value is { } missing)
            throw new InvalidOperationException(missing);
    }

    private static string? FindMissing()
    {
        if (ConnectionPath is not { } path)
            return null;
        try
        {
            var peers = ConnectionFile.Read(path).Organizations.SelectMany(member => member.Peers).ToList();
            return Task.WhenAll(peers.Select(FindFaultAsync)).GetAwaiter().GetResult().FirstOrDefault(fault => fault is not null);
        }
        catch (ConnectionProfileException e)
        {
            return $"{ConnectionVariable}: {e.Message}";
        }
    }

    private static async Task<string?> FindFaultAsync(PeerConnection peer)
    {
        using var socket = new TcpClient();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await socket.ConnectAsync(peer.Address.Host, peer.Address.Port, patience.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return $"{ConnectionVariable}: {peer.Name} at {peer.Endpoint} does not answer.";
        }
    }
}
