using HealthShare.Sandbox.Ipfs;

namespace HealthShare.IntegrationTests.Ipfs;

/// <summary>Three real daemons as a private swarm, shared by the tests that name it: they take memory and seconds to start.</summary>
public sealed class SwarmFixture : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("healthshare-swarm-");
    private IpfsSwarm? swarm;

    internal IpfsSwarm Swarm => swarm ?? throw new InvalidOperationException("There are no daemons here.");

    internal IpfsLauncher Launcher { get; private set; } = null!;

    internal IpfsDaemon North => Swarm.Daemons["north"];

    internal IpfsDaemon South => Swarm.Daemons["south"];

    internal IpfsDaemon East => Swarm.Daemons["east"];

    internal string PathOf(string name) => Path.Combine(folder.FullName, name);

    // Also asked for where every test of the collection is left out.
    public async Task InitializeAsync()
    {
        if (Daemons.SkipReason is not null)
            return;
        Launcher = await Daemons.LauncherAsync();
        swarm = await IpfsSwarm.StartAsync(Launcher, folder.FullName, ["north", "south", "east"], CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        if (swarm is not null)
            await swarm.DisposeAsync();
        folder.Delete(recursive: true);
    }
}

[CollectionDefinition(Name)]
public sealed class SwarmCollection : ICollectionFixture<SwarmFixture>
{
    public const string Name = "private swarm";
}
