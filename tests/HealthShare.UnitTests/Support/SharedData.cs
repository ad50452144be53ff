namespace HealthShare.UnitTests.Support;

/// <summary>
/// Test data that lies beside the repository (<c>../shared</c>, or where <c>HEALTHSHARE_SHARED</c> points). It is large and
/// not ours to ship; tests that need it are skipped with a clear reason where it is absent.
/// </summary>
public static class SharedData
{
    public static string RepositoryRoot { get; } = FindRoot();

    public static string Folder { get; } = Environment.GetEnvironmentVariable("HEALTHSHARE_SHARED")
        ?? Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared"));

    public static string PathOf(string relative) => Path.Combine(Folder, relative);

    public static string? SkipReason(string relative) => Path.Exists(PathOf(relative))
        ? null
        : $"Shared test data '{relative}' is not beside the repository; set HEALTHSHARE_SHARED to its folder.";

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "HealthShare.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException("The tests run outside a checkout: HealthShare.sln was not found above them.");
    }
}

/// <summary>A test that needs a file or folder of the shared data and is skipped without it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(string relative) => Skip = SharedData.SkipReason(relative);
}
