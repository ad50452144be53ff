namespace HealthShare.Sandbox;

/// <summary>The folder that a sandbox keeps its state in.</summary>
internal static class StateFolder
{
    private const string Marker = ".healthshare-sandbox";

    /// <summary>Makes the folder, or empties it when a fresh state is wanted.</summary>
    /// <exception cref="SandboxException">The folder holds something that is not a sandbox's.</exception>
    public static void Prepare(SandboxOptions options)
    {
        var folder = options.State;
        var marker = Path.Combine(folder.FullName, Marker);
        folder.Refresh();
        if (folder.Exists && !File.Exists(marker) && folder.EnumerateFileSystemInfos().Any())
        {
            throw new SandboxException(
                $"'{folder.FullName}' holds files that are not a sandbox's; give --state another folder.", isUsage: true);
        }
        // The story tells of a patient whom nobody knows yet, so it never plays on an earlier state.
        if (folder.Exists && (options.Reset || options.Story))
            folder.Delete(recursive: true);
        Directory.CreateDirectory(folder.FullName);
        File.WriteAllText(marker, "A HealthShare sandbox keeps its state here. --reset empties it.\n");
    }
}
