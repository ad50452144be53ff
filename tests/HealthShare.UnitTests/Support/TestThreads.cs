using System.Runtime.CompilerServices;

namespace HealthShare.UnitTests.Support;

/// <summary>
/// Keeps tests that compute for seconds from starving those that wait for the network: on two cores the pool would begin with two
/// threads and add others only slowly.
/// </summary>
internal static class TestThreads
{
    [ModuleInitializer]
    internal static void Prepare() => ThreadPool.SetMinThreads(64, 64);
}
