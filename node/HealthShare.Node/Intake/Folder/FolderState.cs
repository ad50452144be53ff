namespace HealthShare.Node.Intake.Folder;

/// <summary>What the folder door leaves where it is, for the readiness.</summary>
internal sealed class FolderState
{
    private volatile int left;
    private volatile bool isUnusable;

    /// <summary>Entries of the folder that never can be taken as they are: no plain files, names that are no UTF-8, files that may not be moved.</summary>
    public int Left
    {
        get => left;
        set => left = value;
    }

    /// <summary>Whether the folder, or one of those in it, could not be used at the last look.</summary>
    public bool IsUnusable
    {
        get => isUnusable;
        set => isUnusable = value;
    }
}
