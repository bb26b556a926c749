"""Mail that was sent, files that are kept, pages made into paper."""
